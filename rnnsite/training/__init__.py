"""Training many models at once: `fit` (descend M losses), `language_model` (M recurrent language models)."""
