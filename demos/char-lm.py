# %% [markdown]
# # A character model of your own text
#
# Train an LSTM to continue a text letter by letter, and measure in bits what it has learned.
#
# The text here is the reference that comes with every Python. Put your own in its place: any file of a few hundred
# kilobytes will do.

# %%
import math
import textwrap
from collections import Counter

import torch
from torch import nn

from rnnsite.tasks.documentation import (
    ALPHABET,
    decode,
    documentation,
    encode,
    windows,
)

device = "cuda" if torch.cuda.is_available() else "cpu"
text = documentation().training  # or: open("mine.txt", encoding="utf-8").read()
held_back = documentation().validation
print(f"{len(text)} characters to learn from, {len(held_back)} held back")
print(text[1000:1200])

# %% [markdown]
# ## What a number means
#
# A model that gives the next letter the probability $p$ needs $-\log_2 p$ bits to write it down. Two simple models to
# compare with: one for which all letters are equally likely, and one that knows how frequent each is.

# %%
counts = Counter(text)
frequency = {
    letter: (counts[letter] + 1) / (len(text) + len(ALPHABET))
    for letter in ALPHABET
}
by_frequency = -sum(math.log2(frequency[letter]) for letter in held_back) / len(
    held_back
)
print(
    f"all equal {math.log2(len(ALPHABET)):.2f} bits a letter, by frequency {by_frequency:.2f}"
)

# %% [markdown]
# ## The model
#
# An embedding, an LSTM, and a score for each letter. Plain PyTorch: nothing here is special to this site.


# %%
class CharacterModel(nn.Module):
    def __init__(self, H=64):
        super().__init__()
        self.embed = nn.Embedding(len(ALPHABET), 32)
        self.lstm = nn.LSTM(32, H)
        self.scores = nn.Linear(H, len(ALPHABET))

    def forward(self, letters, state=None):
        states, state = self.lstm(self.embed(letters), state)
        return self.scores(states), state


def bits(model, letters, targets):
    scores, _ = model(letters.to(device))
    nats = nn.functional.cross_entropy(
        scores.flatten(0, 1), targets.to(device).flatten()
    )
    return nats / math.log(2)


# %% [markdown]
# ## Training
#
# Each update reads 32 random stretches of 40 letters.

# %%
torch.manual_seed(0)
model = CharacterModel().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
codes, g = encode(text), torch.Generator().manual_seed(0)
test = windows(encode(held_back), 100, 100, torch.Generator().manual_seed(1))
UPDATES = 2000 if device == "cuda" else 300
for update in range(UPDATES + 1):
    if update % (UPDATES // 3) == 0:
        with torch.no_grad():
            print(
                f"after {update:4} updates {bits(model, *test).item():.2f} bits a letter"
            )
    loss = bits(model, *windows(codes, 40, 32, g))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()

# %% [markdown]
# ## Let it write
#
# One letter after the other is drawn from the model's own probabilities and fed back in. A temperature below 1 makes
# the likely letters likelier.


# %%
@torch.no_grad()
def write(model, start, length=240, temperature=0.6, seed=0):
    g = torch.Generator().manual_seed(seed)
    letters, state = encode(start), None
    scores, state = model(letters[:, None].to(device), state)
    for _ in range(length):
        p = (scores[-1, 0].cpu() / temperature).softmax(0)
        letter = torch.multinomial(p, 1, generator=g)
        letters = torch.cat([letters, letter])
        scores, state = model(letter[:, None].to(device), state)
    return decode(letters)


print(textwrap.fill(write(model, "The statement "), 80))

# %% [markdown]
# It has the length of words, the most frequent of them, and the look of the page. It has nothing to say: that takes
# more units, more text and more time. This is a budget of seconds.
#
# ## How much does it use what came before?
#
# Give it only the last few letters, and see what is lost. Where more letters stop helping, its memory ends.

# %%
letters, targets = test
for seen in (1, 2, 4, 8, 16, 32, 64):
    with torch.no_grad():
        scores, _ = model(letters[-seen:].to(device))
        last = nn.functional.cross_entropy(
            scores[-1], targets[-1].to(device)
        ) / math.log(2)
    print(f"{seen:3} letters seen: {last.item():.2f} bits for the next")

# %% [markdown]
# ## Things to try
#
# - Put your own text in. Which bits a letter does it reach, compared with `by_frequency`?
# - `nn.GRU(32, 64)` in place of the LSTM (the state is then one tensor, not two; nothing else changes).
# - Temperatures of 0.2 and 1.5. What goes wrong at each end?
# - What do its units follow? [Watching gates](../gates/watching-gates.md#fig-gates_on_text) asks that of models like
#   it.
# - Ask `rnnsite.diagnose` about `model`, as [here](diagnose-your-own.md). What is its reach, and does it fit the last
#   table?
