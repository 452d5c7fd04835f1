import torch

import rnnsite

torch.manual_seed(0)
model = torch.nn.RNN(input_size=4, hidden_size=64)
x = torch.randn(100, 16, 4)  # 100 steps, 16 sequences
print(rnnsite.diagnose(model, x))

torch.nn.init.orthogonal_(model.weight_hh_l0)  # what the report says to try
print(rnnsite.diagnose(model, x))
