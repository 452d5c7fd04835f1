"""Training many models at once: `fleet` (each its own seed, data, rate, clip and end), `over_time` (a cell's states,
with backward passes written by hand), `fit` (descend M losses), `language_model` (M recurrent language models)."""
