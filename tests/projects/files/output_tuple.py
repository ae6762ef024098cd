"""A recurrent classifier returns (logits, hidden), the loss is PyTorch's own."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 40, "epochs": 10}
train_data = PIXELS[TRAIN].view(-1, 8, 8), LABELS[TRAIN]
val_data = PIXELS[VAL].view(-1, 8, 8), LABELS[VAL]


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 24, batch_first=True)
        self.head = nn.Linear(24, 10)

    def forward(self, rows):
        states, last = self.rnn(rows)
        return self.head(states[:, -1]), last


loss = nn.CrossEntropyLoss()
