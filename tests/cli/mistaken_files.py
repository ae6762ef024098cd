"""Mistakes in task files, with the words that their errors must contain."""

from tests.cli.mistakes import DATA, GOOD, LOSS, MODEL, broken

FILES = [
    broken("syntax error", "x = 1\ndef model(:\n    pass\n", "syntax", "task.py, line 3", "def model(:"),
    broken("broken indentation", "def model():\nreturn 1\n", "syntax", "task.py, line 3", "expected an indented block"),
    broken("a null byte", "x = '\0'\n", "syntax", "task.py", "null bytes"),
    broken("not UTF-8", "x = '\udcff'\n", "syntax", "task.py", "utf-8"),
    broken("exception on import", "\nx = 1\ny = x / 0\n", "imported", "ZeroDivisionError", "task.py, line 4"),
    broken(
        "exception below a function",
        "def f():\n    raise KeyError('k')\n\nf()\n",
        "KeyError", "task.py, line 3",
    ),
    broken("module not found", "import nothing_of_this_name\n", "nothing_of_this_name", "line 2"),
    broken("message of several lines", "raise ValueError('first\\nsecond')\n", "ValueError", "line 2", "first"),
    broken("sys.exit on import", "import sys\nsys.exit(3)\n", "ends the program", "exit code 3", "line 3", "__main__"),
    broken("empty file", "", "`model` in task.py", "no such name"),
    broken("no model", DATA, "`model` in task.py", "train_data", "--model NAME"),
    broken("another name", "class Net(torch.nn.Linear): ...\n" + DATA, "`model` in task.py", "mean --model Net"),
    broken("model not callable", "model = 5\n" + DATA, "model as an nn.Module subclass", "int"),
    broken("model gives no module", "def model():\n    return 5\n" + DATA, "model() to return an nn.Module", "int"),
    broken("model gives None", "def model():\n    pass\n" + DATA, "model() to return an nn.Module", "NoneType"),
    broken(
        "model needs arguments",
        "class model(torch.nn.Module):\n    def __init__(self, width): ...\n" + DATA,
        "without arguments", "TypeError", "width", "defaults",
    ),
    broken(
        "frozen model",
        "def model():\n    return torch.nn.Linear(4, 3).requires_grad_(False)\n" + DATA + LOSS,
        "trainable parameters", "15 parameters, none", "unfreeze",
    ),
    broken("no parameters", "model = torch.nn.ReLU\n" + DATA + LOSS, "trainable", "without parameters"),
    broken("no train_data", MODEL, "`train_data` in task.py", "no such name", "--train NAME"),
    broken(
        "train_data raises",
        MODEL + "def train_data():\n    raise FileNotFoundError('images.npz')\n",
        "train_data() to return data", "FileNotFoundError", "images.npz",
    ),
    broken(
        "train_data needs arguments",
        MODEL + "def train_data(root):\n    return root\n",
        "train_data()", "without arguments", "root",
    ),
    broken("train_data gives None", MODEL + "def train_data(): ...\n", "train_data() to return data", "None"),
    broken("train_data a string", MODEL + "train_data = 'images'\n", "train_data as a Dataset", "str"),
    broken("train_data a number", MODEL + "train_data = 3\n", "train_data as a Dataset", "int"),
    broken("train_data a dict", MODEL + "train_data = {'x': 1}\n", "train_data as a Dataset", "dict"),
    broken("inputs and targets as lists", MODEL + "train_data = ([[1., 2.]], [0])\n", "train_data", "list"),
    broken(
        "an iterator that is used up",
        MODEL + "train_data = iter([(torch.zeros(4, 4), torch.zeros(4).long())] * 9)\n",
        "train_data that can be iterated more than once", "list_iterator", "give the function that creates it",
    ),
    broken(
        "an empty stream",
        MODEL + "class Stream(torch.utils.data.IterableDataset):\n    def __iter__(self):\n        yield from ()\n"
        "train_data = Stream()\n",
        "train_data with examples in it", "an empty stream",
    ),
    broken("no examples", MODEL + "train_data = (torch.zeros(0, 4), torch.zeros(0))\n", "train_data", "empty"),
    broken("an empty list", MODEL + "train_data = []\n", "train_data", "empty"),
    broken(
        "no validation examples",
        GOOD + "val_data = (torch.zeros(0, 4), torch.zeros(0).long())\n",
        "val_data", "empty",
    ),
    broken(
        "one example",
        MODEL + "train_data = (torch.zeros(1, 4), torch.zeros(1).long())\n",
        "at least 2 training examples", "1",
    ),
    broken(
        "lengths differ",
        MODEL + "train_data = (torch.zeros(10, 4), torch.zeros(9).long())\n",
        "as many inputs as targets", "[10, 9]",
    ),
    broken(
        "an example raises",
        MODEL + "class D:\n    def __len__(self): return 40\n"
        "    def __getitem__(self, i): raise OSError('bad file')\n"
        "train_data = D()\n",
        "train_data", "OSError: bad file",
    ),
    broken(
        "examples of different sizes",
        MODEL + "train_data = [(torch.zeros(i + 1), 0) for i in range(40)]\n",
        "train_data", "RuntimeError", "size",
    ),
    broken(
        "wrong width",
        MODEL + "train_data = (torch.randn(40, 5), torch.arange(40) % 3)\n",
        "data that fits the model", "(36, 5)", "shapes", "make",
    ),
    broken(
        "wrong width with a loss",
        MODEL + "train_data = (torch.randn(40, 5), torch.arange(40) % 3)\n" + LOSS,
        "data that fits the model", ", 5) float32", "make the shapes",
    ),
    broken(
        "validation of another width",
        GOOD + LOSS + "val_data = (torch.randn(20, 7), torch.arange(20) % 3)\n",
        "val_data that fits model and loss", "(20, 7)",
    ),
    broken(
        "integer inputs",
        MODEL + "train_data = (torch.ones(40, 4).long(), torch.arange(40) % 3)\n" + LOSS,
        "data that fits the model", "int64",
    ),
    broken(
        "targets of the wrong kind",
        "model = lambda: torch.nn.Linear(4, 3)\ntrain_data = (torch.randn(40, 4), torch.rand(40, 1))\n" + LOSS,
        "train_data that fits model and loss", "(36, 1) float32",
    ),
    broken(
        "loss per example",
        GOOD + "loss = torch.nn.CrossEntropyLoss(reduction='none')\n",
        "a loss that is one number", "shape (36,)", ".mean()",
    ),
    broken("loss a float", GOOD + "def loss(o, t):\n    return 1.0\n", "a loss that is one number", "float"),
    broken("loss not callable", GOOD + "loss = 'mse'\n", "loss(outputs, targets)", "str"),
    broken(
        "loss raises",
        GOOD + "def loss(outputs, targets):\n    raise ArithmeticError('in the loss')\n",
        "model and loss", "ArithmeticError: in the loss",
    ),
    broken(
        "loss class with arguments",
        GOOD + "class loss(torch.nn.Module):\n    def __init__(self, scale): ...\n",
        "loss", "TypeError", "scale",
    ),
    broken(
        "no loss fits",
        MODEL + "train_data = (torch.randn(40, 4), torch.rand(40, 2))\n",
        "outputs and targets for a usual loss", "(36, 3)", "(36, 2)", "define loss",
    ),
    broken(
        "training_step without a loss",
        GOOD + "def training_step(model, batch):\n    return {'outputs': model(batch[0])}\n",
        "training_step", "loss",
    ),
    broken(
        "metric raises",
        GOOD + "def metric(outputs, targets):\n    raise RuntimeError('in the metric')\n",
        "metric", "RuntimeError: in the metric",
    ),
    broken(
        "metric per example",
        GOOD + "def metric(outputs, targets):\n    return outputs.argmax(1) == targets\n",
        "metric", "one number", "shape (36,)",
    ),
    broken("metric not callable", GOOD + "metric = 'accuracy'\n", "metric(outputs, targets)", "str"),
    broken(
        "param_groups raises",
        GOOD + "def param_groups(model):\n    return [{'params': model.body.parameters()}]\n",
        "param_groups", "AttributeError", "body",
    ),
    broken("param_groups of nothing", GOOD + "def param_groups(model):\n    return []\n", "param_groups", "empty"),
    broken("param_groups not callable", GOOD + "param_groups = 3\n", "param_groups(model)", "int"),
    broken(
        "NaN input",
        GOOD + "train_data[0][17, 2] = float('nan')\nval_data = (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "finite numbers in train_data", "1 NaN or infinite", "example 17",
    ),
    broken(
        "infinite target",
        "model = lambda: torch.nn.Linear(4, 1)\ntrain_data = (torch.randn(40, 4), torch.randn(40, 1))\n"
        "val_data = (torch.randn(9, 4), torch.randn(9, 1))\ntrain_data[1][3] = float('inf')\n",
        "finite numbers in train_data", "part 1", "example 3",
    ),
    broken(
        "NaN in validation only",
        GOOD + "val_data = (torch.ones(9, 4), torch.arange(9) % 3)\nval_data[0][5] = float('nan')\n",
        "finite numbers in val_data", "4 NaN or infinite", "example 5",
    ),
    broken(
        "NaN in a Dataset",
        MODEL + "class D(torch.utils.data.Dataset):\n    def __len__(self): return 40\n"
        "    def __getitem__(self, i): return torch.full((4,), float('nan')), i % 3\n"
        "train_data = D()\n",
        "finite numbers in train_data", "NaN",
    ),
    broken(
        "class too large",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 4)\n",
        "class targets from 0 to 2", "3 outputs", "from 0 to 3",
    ),
    broken(
        "class too large with a loss",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 4)\n" + LOSS,
        "class targets from 0 to 2", "from 0 to 3",
    ),
    broken(
        "negative class",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 3 - 1)\n",
        "class targets from 0 to 2", "from -1 to 1", "from 0",
    ),
    broken(
        "class too large in validation only",
        GOOD + "val_data = (torch.ones(9, 4), torch.full((9,), 3))\n",
        "class targets from 0 to 2 in val_data", "from 3 to 3",
    ),
    broken(
        "class too large late in a Dataset",
        MODEL + "class D(torch.utils.data.Dataset):\n    def __len__(self): return 400\n"
        "    def __getitem__(self, i): return torch.ones(4) * i / 400, 7 if i == 321 else i % 3\n"
        "train_data, val_data = D(), (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "class targets from 0 to 2 in train_data", "from 0 to 7",
    ),
    broken(
        "class too large late in the targets of a slow Dataset",
        MODEL + "import time\nclass D(torch.utils.data.Dataset):\n    targets = [i % 3 for i in range(400)] + [-1]\n"
        "    def __len__(self): return 401\n"
        "    def __getitem__(self, i): time.sleep(0.02); return torch.ones(4) * i / 400, self.targets[i]\n"
        "train_data, val_data = D(), (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "class targets from 0 to 2 in train_data", "from -1 to 2",
    ),
]  # fmt: skip
