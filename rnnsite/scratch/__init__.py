"""Recurrent networks in plain Python: nothing is imported but Python itself, so it runs in a browser as it stands.

Every forward pass reads as the equations, every backward pass is written by hand. Equal to the cells of
`rnnsite.cells` and torch.nn to ten digits (tests/scratch), and some thousand times slower than a GPU.
"""

from .cell import Cell
from .checking import check
from .figure import Table, bars, heat, lines, smooth
from .gru import GRU
from .initial import gaussian, identity, orthogonal, scaled
from .losses import cross_entropy, softmax, squared
from .lstm import LSTM
from .network import Network
from .optimisers import SGD, Adam, clip, length
from .rnn import RNN
from .tasks import adding, alphabet, delayed_recall, next_character, one_hot
from .training import error, train
from .vectors import dot, matvec, norm, plus, product, sigmoid, tanh, times, transpose

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "Cell",
    "Network",
    "Table",
    "adding",
    "alphabet",
    "bars",
    "check",
    "clip",
    "cross_entropy",
    "delayed_recall",
    "dot",
    "error",
    "gaussian",
    "heat",
    "identity",
    "length",
    "lines",
    "matvec",
    "next_character",
    "norm",
    "one_hot",
    "orthogonal",
    "plus",
    "product",
    "scaled",
    "sigmoid",
    "smooth",
    "softmax",
    "squared",
    "tanh",
    "times",
    "train",
    "transpose",
]
