import torch

import rnnsite

torch.manual_seed(0)
rnn = torch.nn.RNN(input_size=8, hidden_size=64)  # PyTorch's own initial weights
head = torch.nn.Linear(64, 1)
x, y = torch.randn(100, 32, 8), torch.randn(32, 1)  # 100 steps, 32 sequences


def loss(output):
    return torch.nn.functional.mse_loss(head(output[0][-1]), y)  # the answer is read at the last step


print(rnnsite.diagnose(rnn, x, loss=loss))
