"""Sources of the heuristics: the ids that rules cite, with one line and an address."""

from dataclasses import dataclass

SMITH_2018 = "https://arxiv.org/abs/1803.09820"
SMITH_2015 = "https://arxiv.org/abs/1506.01186"
SUPER_CONVERGENCE = "https://arxiv.org/abs/1708.07120"
PLAYBOOK = "https://github.com/google-research/tuning_playbook"
GUGGER = "https://sgugger.github.io/the-1cycle-policy.html"
KARPATHY = "https://karpathy.github.io/2019/04/25/recipe/"
UMLAUT = "https://github.com/BerkeleyHCI/umlaut"
NEURALINT = "https://doi.org/10.1145/3470006"
ARPIT = "https://arxiv.org/abs/1706.05394"
LECUN = "http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf"
MCCANDLISH = "https://arxiv.org/abs/1812.06162"
SHALLUE = "https://arxiv.org/abs/1811.03600"
GOYAL = "https://arxiv.org/abs/1706.02677"
TORCH = "https://docs.pytorch.org/docs/stable/"
CROSS_ENTROPY = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"


@dataclass(frozen=True, slots=True)
class Source:
    """One heuristic from a publication.

    Attributes:
        id: Id used by rules.
        text: Statement in one line.
        url: Address of the publication.
    """

    id: str
    text: str
    url: str

    def as_dict(self) -> dict[str, str]:
        """The source as in reports."""
        return {"id": self.id, "text": self.text, "url": self.url}


_ALL = (
    # Smith 2018: what curves say
    Source(
        "S-R1",
        "Smith 2018, remark 1: read convergence from the validation loss, not from accuracy",
        SMITH_2018,
    ),
    Source("S-R2", "Smith 2018, remark 2: tuning aims at a test loss that has become horizontal", SMITH_2018),
    Source("S-R3", "Smith 2018, remark 3: all forms of regularisation together need balancing", SMITH_2018),
    Source("S-R4", "Smith 2018, remark 4: the best result for the least computing is the goal", SMITH_2018),
    Source("S-D1", "Smith 2018, 3: a test loss that rises at low rates shows overfitting there", SMITH_2018),
    Source("S-D2", "Smith 2018, 3: a test loss that keeps falling shows underfitting", SMITH_2018),
    Source("S-D3", "Smith 2018, 3: a test loss that turns up after its minimum shows overfitting", SMITH_2018),
    Source("S-D4", "Smith 2018, 3: settings that start well tend to end well, so short runs tell", SMITH_2018),
    # Smith 2018: settings
    Source(
        "S-LR1",
        "Smith 2018, 4.1: the loss minimum of a range test bounds the learning rate from above",
        SMITH_2018,
    ),
    Source(
        "S-LR2",
        "Smith 2018, 4.1: minimum rate of a single cycle at a tenth or a twentieth of the largest",
        SMITH_2018,
    ),
    Source(
        "S-LR4",
        "Smith 2018, 4.1: one cycle for the whole run, then a tail orders of magnitude lower",
        SMITH_2018,
    ),
    Source("S-BS1", "Smith 2018, 4.2: the largest batch that fits, as it allows a larger rate", SMITH_2018),
    Source(
        "S-BS2",
        "Smith 2018, 4.2: compare batch sizes at equal time; equal epochs penalise large ones",
        SMITH_2018,
    ),
    Source(
        "S-BS3",
        "Smith 2018, 4.2: small batches regularise, so a change of batch needs rebalancing",
        SMITH_2018,
    ),
    Source(
        "S-M1",
        "Smith 2018, 4.3: short runs at momentum 0.99, 0.97, 0.95 and 0.9 show the best one",
        SMITH_2018,
    ),
    Source("S-M2", "Smith 2018, 4.3: momentum falls from 0.95 to about 0.85 while the rate rises", SMITH_2018),
    Source("S-M3", "Smith 2018, 4.3: a range test of momentum shows no optimum", SMITH_2018),
    Source(
        "S-M4",
        "Smith 2018, 4.3: cycled momentum about equals the best constant; deep models gain more",
        SMITH_2018,
    ),
    Source("S-WD1", "Smith 2018, 4.4: first grid of weight decay 1e-3, 1e-4, 1e-5, 0", SMITH_2018),
    Source(
        "S-WD2",
        "Smith 2018, 4.4: larger decay for small data and shallow models, smaller for the rest",
        SMITH_2018,
    ),
    Source(
        "WD-T",
        "Wang and Aitchison 2024: the timescale of AdamW, 1 / (rate × decay), is what carries between sizes",
        "https://arxiv.org/abs/2405.13698",
    ),
    Source(
        "CL-CBS",
        "Zhang and others 2024: the critical batch grows as data ** 0.47, hardly with the model",
        "https://arxiv.org/abs/2410.21676",
    ),
    Source(
        "CL-POWER",
        "Bergsma and others 2025: best batch as data ** 0.38; total decay as tokens for each parameter ** 0.53",
        "https://arxiv.org/abs/2505.13738",
    ),
    Source(
        "CL-STEP",
        "Step Law: best batch as data ** 0.57, best rate as data ** 0.31 × parameters ** -0.71",
        "https://arxiv.org/abs/2503.04715",
    ),
    Source(
        "CL-DEEP",
        "DeepSeek LLM: best batch as compute ** 0.33, which is data ** 0.65 where data and model grow together",
        "https://arxiv.org/abs/2401.02954",
    ),
    Source(
        "CL-SQRT",
        "Malladi and others 2022: for adaptive optimizers the rate goes as the root of the batch",
        "https://arxiv.org/abs/2205.10287",
    ),
    Source(
        "CL-MUP",
        "Yang and others 2022: the rate of hidden weights goes as the inverse of the width",
        "https://arxiv.org/abs/2203.03466",
    ),
    Source(
        "CL-TOKENS",
        "Bjorck and others 2024: at a fixed batch the best rate falls as tokens ** -0.32",
        "https://arxiv.org/abs/2409.19913",
    ),
    Source(
        "CL-BETA2",
        "Marek and others 2025: keep the half-life of Adam's second moment in tokens when the batch changes",
        "https://arxiv.org/abs/2507.07101",
    ),
    Source("S-WD3", "Smith 2018, 4.4: bisect the exponent; one significant figure is enough", SMITH_2018),
    Source(
        "S-WD5",
        "Smith 2018, 4.4: the best decay depends on the schedule, so compare under that schedule",
        SMITH_2018,
    ),
    # Smith 2015; Smith and Topin 2017; Gugger
    Source("C-3", "Smith 2015: the largest converging rate lies within a factor of two of the best", SMITH_2015),
    Source("C-6", "Smith 2015: adaptive optimizers gain less from cycling the rate", SMITH_2015),
    Source("SC-4", "Smith and Topin: with extremely large rates a momentum of 0.9 beat 0.95", SUPER_CONVERGENCE),
    Source("G-1", "Gugger: take the rate a decade below the minimum of the range test", GUGGER),
    Source("G-3", "Gugger: cycling momentum gained little over a constant 0.9", GUGGER),
    Source("G-6", "Gugger: under 1cycle the gap between losses opens only when the rate is annealed", GUGGER),
    # Tuning Playbook
    Source("P-INIT", "Tuning Playbook: begin with a simple set-up that is clearly better than chance", PLAYBOOK),
    Source("P-SS1", "Tuning Playbook: if the best trial is near the border of the search, widen it", PLAYBOOK),
    Source(
        "P-SS2",
        "Tuning Playbook: many trials that diverge ask for a smaller search space, or hide a bug",
        PLAYBOOK,
    ),
    Source("P-CV1", "Tuning Playbook: overfitting is a problem where the validation error rises again", PLAYBOOK),
    Source("P-CV3", "Tuning Playbook: a run that still improves at its end is bound by compute", PLAYBOOK),
    Source("P-CV4", "Tuning Playbook: a plateau long before the end asks for fewer steps", PLAYBOOK),
    Source("P-CV5", "Tuning Playbook: a training loss that rises usually comes from a bug", PLAYBOOK),
    Source(
        "P-CV6",
        "Tuning Playbook: periodic validation curves point to overlapping splits or bad shuffling",
        PLAYBOOK,
    ),
    Source(
        "P-ST1",
        "Tuning Playbook: do not tune the length; read it from where the best checkpoint falls",
        PLAYBOOK,
    ),
    Source("P-ST3", "Tuning Playbook: a longer run does no harm if the best checkpoint is kept", PLAYBOOK),
    Source("P-ST4", "Tuning Playbook: short rounds answer much, with some risk at the full length", PLAYBOOK),
    Source("P-TR", "Tuning Playbook: which findings carry over from short to long runs", PLAYBOOK),
    Source("P-VAR", "Tuning Playbook: repeat the best trial to learn the variance between trials", PLAYBOOK),
    Source("P-DEC", "Tuning Playbook: always some decay of the rate, linear or cosine by default", PLAYBOOK),
    Source("P-HP", "Tuning Playbook: re-tune the rate for each value of what is compared", PLAYBOOK),
    Source("P-EV", "Tuning Playbook: evaluate at regular steps and keep the best checkpoints", PLAYBOOK),
    Source("P-BS1", "Tuning Playbook: the batch size sets the speed and is no knob for better results", PLAYBOOK),
    Source("P-BS5", "Tuning Playbook: comparing at equal epochs sees only the range of perfect scaling", PLAYBOOK),
    Source(
        "P-BS6",
        "Tuning Playbook: a new batch size asks for a new rate, momentum and regularisation",
        PLAYBOOK,
    ),
    Source("P-BS8", "Tuning Playbook: larger batches may need more regularisation", PLAYBOOK),
    Source("P-GC1", "Tuning Playbook: clip at the 90th percentile of the gradient norms", PLAYBOOK),
    Source("P-FX", "Tuning Playbook: against instability lower the rate only after the other remedies", PLAYBOOK),
    # Layers, noise, and the rest
    Source("S-LR5", "Smith 2018, 4.1: a loss that stays flat to very large rates allows super-convergence", SMITH_2018),
    Source("S-LR6", "Smith 2018, 4.1: weight decay caps the usable rate; 1e-3 rules out very large ones", SMITH_2018),
    Source("S-M6", "Smith 2018, 4.3: momentum as large as possible without instability", SMITH_2018),
    Source("S-D5", "Smith 2018, 4.3: too large a momentum slants the loss upwards before it diverges", SMITH_2018),
    Source("S-D6", "Smith 2018, 5: where the loss misleads, the accuracy can be easier to read", SMITH_2018),
    Source("S-D7", "Smith 2018, 4.2: loss and accuracy can disagree, so report both", SMITH_2018),
    Source(
        "S-R6", "Smith 2018, remark 6: weight decay is the knob that balances the rate's regularisation", SMITH_2018
    ),
    Source("S-WD4", "Smith 2018, 4.4: search weight decay together with rate and momentum", SMITH_2018),
    Source("S-WD6", "Smith 2018, 4.4: go on from one snapshot with several weight decays", SMITH_2018),
    Source(
        "SC-3",
        "Smith and Topin: a flat range test and little weight decay make super-convergence feasible",
        SUPER_CONVERGENCE,
    ),
    Source(
        "P-CV2",
        "Tuning Playbook: variance late in training comes from small batches, few validation data or a high rate",
        PLAYBOOK,
    ),
    Source("P-ST2", "Tuning Playbook: begin with a model that can fit the training data", PLAYBOOK),
    Source("P-UN2", "Tuning Playbook: test early instability by a few hundred steps at a raised rate", PLAYBOOK),
    Source("P-WU1", "Tuning Playbook: lengthen the warm-up until the first steps are stable", PLAYBOOK),
    Source("P-GC2", "Tuning Playbook: with more than half of the updates clipped, lower the rate instead", PLAYBOOK),
    Source("P-BS2", "Tuning Playbook: find the feasible batch sizes by doubling until memory runs out", PLAYBOOK),
    Source(
        "P-BS3",
        "Tuning Playbook: doubling the batch should nearly double the throughput, else look for a bottleneck",
        PLAYBOOK,
    ),
    Source("P-BS4", "Tuning Playbook: perfect scaling up to a critical batch size, then diminishing returns", PLAYBOOK),
    Source("P-BS7", "Tuning Playbook: gradient accumulation gives no throughput", PLAYBOOK),
    Source(
        "B-1", "McCandlish and others: the gradient noise scale, its two parts averaged before the ratio", MCCANDLISH
    ),
    Source("B-3", "McCandlish and others: steps and examples trade off around a critical batch size", MCCANDLISH),
    Source("K-DEAD", "Karpathy: look at activations and gradients of each layer before training", KARPATHY),
    # Batch-size theory
    Source("B-2", "McCandlish and others: the best rate grows with the batch and levels off", MCCANDLISH),
    Source("B-5", "Shallue and others: no rule that scales the rate with the batch holds everywhere", SHALLUE),
    Source("B-6", "Goyal and others: rate in proportion to the batch, with warm-up", GOYAL),
    # Checks before training
    Source("K-INIT", "Karpathy: compare the loss at the start with that of a constant prediction", KARPATHY),
    Source("K-BATCH", "Karpathy: overfit a single batch before anything else", KARPATHY),
    Source("K-BASE", "Karpathy: train on blanked inputs; real inputs must do better", KARPATHY),
    Source("U-INPUT", "UMLAUT: warns of inputs outside the usual range", UMLAUT),
    Source("U-SOFTMAX", "UMLAUT: warns of a softmax that does not match the loss", UMLAUT),
    Source("N-RELU", "NeuraLint: looks for learning layers without an activation", NEURALINT),
    Source("N-INIT", "NeuraLint: weights must not all begin with one value", NEURALINT),
    Source("L-NOISE", "Arpit and others: wrong labels are learned later than what examples share", ARPIT),
    Source("E-NORM", "LeCun and others, Efficient BackProp: centred inputs of unit variance train faster", LECUN),
    Source("K-CHART", "Karpathy: use backprop to chart which inputs an output depends on", KARPATHY),
    Source(
        "K-CLASS", "Karpathy: begin with the shares of the classes and a prediction that ignores the inputs", KARPATHY
    ),
    Source(
        "T-CAST",
        "PyTorch: operands of different shape are expanded against each other",
        TORCH + "notes/broadcasting.html",
    ),
    Source("T-NLL", "PyTorch: NLLLoss takes log-probabilities", TORCH + "generated/torch.nn.NLLLoss.html"),
    Source(
        "T-BN", "PyTorch: batch norm evaluates with running statistics", TORCH + "generated/torch.nn.BatchNorm2d.html"
    ),
    Source(
        "T-DROP",
        "PyTorch: functional.dropout drops unless training is False",
        TORCH + "generated/torch.nn.functional.dropout.html",
    ),
    Source(
        "T-LIST",
        "PyTorch: layers in a ModuleList are registered, in a list they are not",
        TORCH + "generated/torch.nn.ModuleList.html",
    ),
    Source(
        "T-CTC",
        "PyTorch: a target longer than its input has an infinite CTC loss",
        TORCH + "generated/torch.nn.CTCLoss.html",
    ),
    Source(
        "T-AMP",
        "PyTorch: keep weights in float32 under mixed precision; unscale before clipping",
        TORCH + "notes/amp_examples.html",
    ),
    Source(
        "T-ZERO",
        "PyTorch: gradients add up until they are zeroed",
        TORCH + "generated/torch.optim.Optimizer.zero_grad.html",
    ),
    Source("T-SCHED", "PyTorch: how often a scheduler is to be stepped", TORCH + "optim.html"),
    Source(
        "T-EVAL",
        "PyTorch: train() and eval() set the mode of dropout and batch norm",
        TORCH + "generated/torch.nn.Module.html",
    ),
    Source("T-GRAPH", "PyTorch: what autograd records, and what cuts it", TORCH + "notes/autograd.html"),
    Source(
        "N-DROP",
        "Srivastava and others: a rate of 0.5 for hidden units, up to 0.2 for inputs",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Source("T-CE", "PyTorch: CrossEntropyLoss takes raw scores and applies log-softmax itself", CROSS_ENTROPY),
)
SOURCES: dict[str, Source] = {source.id: source for source in _ALL}
