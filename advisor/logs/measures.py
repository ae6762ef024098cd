"""Losses and metrics by name, with their direction of improvement.

The only place with these names. The lower a metric's rank, the more likely it is the one a run is judged by.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["loss", "metric", "return"]

_HIGHER = {
    "accuracy": 0,
    "acc": 0,
    "aacc": 0.5,
    "macc": 0.6,
    "pixacc": 0.5,
    "pixelacc": 0.5,
    "acc1": 0,
    "prec1": 0.5,
    "top1": 1,
    "hella": 1,
    "hellaswag": 1,
    "mmlu": 1,
    "pck": 1,
    "cmc": 3,
    "rank1": 2.5,
    "map": -0.5,
    "map50_95": -1,
    "map50": 1,
    "map75": 1,
    "ap": 0,
    "bbox_map": -0.5,
    "segm_map": 0,
    "ap50": 1,
    "ap75": 1.5,
    "aps": 3,
    "apm": 3,
    "apl": 3,
    "miou": -0.5,
    "iou": 0,
    "jaccard": 0.5,
    "dice": -0.2,
    "dsc": -0.2,
    "pq": -0.2,
    "f1": 0.4,
    "fscore": 0.4,
    "f1score": 0.4,
    "fmeasure": 0.4,
    "auc": 0.6,
    "auroc": 0.6,
    "auprc": 0.6,
    "aupr": 0.6,
    "bleu": 1,
    "sacrebleu": 1,
    "chrf": 1.2,
    "rouge": 1.5,
    "rouge1": 1.2,
    "rouge2": 1.3,
    "rougel": 1,
    "rougelsum": 1.1,
    "meteor": 1.5,
    "cider": 0.9,
    "spice": 1.5,
    "bertscore": 1.5,
    "exact": 0.8,
    "em": 0.9,
    "mcc": 0.7,
    "matthews": 0.7,
    "kappa": 0.7,
    "r2": 0.5,
    "pearson": 0.7,
    "spearman": 0.7,
    "spearmanr": 0.7,
    "corr": 1,
    "correlation": 1,
    "concordance": 1,
    "cindex": 1,
    "psnr": 0.5,
    "ssim": 1,
    "msssim": 1,
    "pesq": 0.5,
    "stoi": 1,
    "sisdr": 0.5,
    "sdr": 0.8,
    "snr": 1.5,
    "ndcg": 0.5,
    "mrr": 0.7,
    "hit": 1,
    "hits": 1,
    "hr": 1.5,
    "nmi": 1,
    "ari": 1,
    "inception": 1,
    "success": 1,
    "winrate": 1,
    "score": 2,
    "precision": 4,
    "prec": 4,
    "recall": 4,
    "sensitivity": 4,
    "specificity": 4,
    "top5": 5,
    "acc5": 5,
    "prec5": 5,
    "top10": 5,
    "acc10": 5,
    "rank5": 5,
}
_LOWER = {
    "error": 3,
    "err": 3,
    "wer": 0.3,
    "cer": 0.6,
    "per": 1,
    "ter": 1,
    "eer": 0.6,
    "fid": 0,
    "kid": 1,
    "lpips": 1.5,
    "mae": 1.5,
    "rmse": 1.2,
    "mse": 1.4,
    "nmse": 1.4,
    "rmsle": 1.4,
    "mape": 1.6,
    "smape": 1.6,
    "perplexity": 2,
    "ppl": 2,
    "bpb": 1,
    "bpc": 1,
    "bpd": 1,
    "epe": 1,
    "nme": 1,
    "fpr": 3,
    "fpr95": 2,
    "brier": 2,
    "ece": 4,
    "absrel": 1,
    "ber": 2,
    "hd95": 2,
    "assd": 2,
}
_TABLES = ((_HIGHER, True), (_LOWER, False))
_VAGUE = {"score", "error", "err", "per", "hit", "hits", "success", "exact"}
"""Words that are ignored next to another word."""
_RETURN = {"return": 0, "returns": 0, "reward": 1, "rewards": 1, "rew": 0.5, "elo": 1}
_ERRORS = {"mse", "rmse", "mae", "error", "err", "nmse", "rmsle", "ppl", "perplexity", "bpb", "bpc", "bpd", "epe"}
"""Metrics that replace a loss where none was logged."""
_LOSS = {
    "loss",
    "losses",
    "nll",
    "logloss",
    "xent",
    "crossentropy",
    "objective",
    "bce",
    "criterion",
    "trl",
    "tel",
    "elbo",
}
_EXCEPTIONS = {"key", "value", "type", "runtime", "index", "attribute", "import", "os", "assertion", "memory", "name"}
_SETTINGS_OF_LOSSES = {
    "weight",
    "weights",
    "lambda",
    "coef",
    "coefficient",
    "coeff",
    "margin",
    "type",
    "name",
    "fn",
    "function",
}
_TOTAL = {"total", "overall", "all", "full", "combined", "avg", "average", "mean", "epoch", "step", "running"}
_NEUTRAL = {
    "train",
    "training",
    "tr",
    "trn",
    "val",
    "valid",
    "validation",
    "dev",
    "eval",
    "evaluation",
    "heldout",
    "holdout",
    "test",
    "testing",
    "tst",
    "set",
    "loss",
    "losses",
    "nll",
    "crossentropy",
    "per",
    "batch",
    "iter",
    "smoothed",
    "the",
    "is",
    "best",
    "final",
    "current",
    "cur",
    "min",
    "max",
    "trl",
    "tel",
    "metrics",
    "metric",
    "scalar",
    "scalars",
    "log",
    "logs",
    "value",
    "raw",
    "ema",
    "std",
}
_MIXED = re.compile(
    r"m?IoU|(?<![A-Za-z])m?AP(?![A-Za-z])|(?:[am]|pix|Pix)Acc(?![a-z])|ROUGE|[Rr]ouge-?L(?:sum)?|n?DCG|PSNR|S?SIM|"
    r"(?:BLEU|CIDEr|METEOR|SacreBLEU|BERTScore|BLEURT|chrF)|[Ff]1-?[Ss]core|SI-?SDR|si[-_]sdr|AbsRel|abs_rel"
)
_JOINED = (
    ("cross_entropy", "crossentropy"),
    ("top_1", "top1"),
    ("top_5", "top5"),
    ("acc_1_", "acc1_"),
    ("acc_5_", "acc5_"),
    ("prec_1_", "prec1_"),
    ("prec_5_", "prec5_"),
    ("f_1", "f1"),
    ("f_score", "fscore"),
    ("f_measure", "fmeasure"),
    ("f1_score", "f1score"),
    ("map_0_5_0_95", "map50_95"),
    ("map50_95", "map50_95"),
    ("map_50_95", "map50_95"),
    ("map_0_5", "map50"),
    ("map_50", "map50"),
    ("map_75", "map75"),
    ("r_2", "r2"),
    ("rank_1_", "rank1_"),
    ("rank_5_", "rank5_"),
    ("rouge_1", "rouge1"),
    ("rouge_2", "rouge2"),
    ("rouge_l", "rougel"),
    ("win_rate", "winrate"),
    ("ms_ssim", "msssim"),
    ("pixel_acc", "pixacc"),
    ("pix_acc", "pixacc"),
    ("c_index", "cindex"),
    ("fpr_95", "fpr95"),
    ("bits_per_byte", "bpb"),
    ("bits_per_dim", "bpd"),
    ("bits_per_character", "bpc"),
    ("val_bits", "val_bpb"),
    ("sub_loss", "loss"),
    ("si_snr", "sisdr"),
    ("reward_mean", "return"),
    ("rew_mean", "return"),
    ("coco_eval_bbox_0", "bbox_map"),
    ("coco_eval_masks_0", "segm_map"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """The measure behind a name.

    Attributes:
        kind: A loss, a metric, or the return of an agent.
        higher_is_better: Direction of improvement.
        rank: The lower, the more likely it is what a run is judged by.
        part: Whether it is one term of a loss (``box_loss``) and not the whole.
        error: Whether it can replace a loss where none was logged (``rmse``).
    """

    kind: Kind
    higher_is_better: bool
    rank: float
    part: bool = False
    error: bool = False


def plain(name: str) -> str:
    """A name in snake case: ``Train Loss``, ``trainLoss`` and ``train/loss`` give the same."""
    known = _MIXED.sub(lambda match: match[0].lower().replace("-", ""), name)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", known)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


@lru_cache(maxsize=50_000)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, compound words joined."""
    words = plain(name) + "_"
    for apart, joined in _JOINED:
        words = words.replace(apart, joined)
    words = words.replace("map50_95", "map5095")
    return tuple("map50_95" if word == "map5095" else word for word in words.strip("_").split("_"))


def measure(words: Sequence[str]) -> Measure | None:
    """The measure that the words of a name stand for; None if unknown."""
    known = set(words)
    if len(words) > 1 and words[1] == "error" and words[0] in _EXCEPTIONS:
        return None
    if known & _LOSS:
        return None if words[-1] in _SETTINGS_OF_LOSSES else _loss(words)
    ranks = [(rank, word, higher) for table, higher in _TABLES for word, rank in table.items() if word in known]
    if len(ranks) > 1:
        ranks = [item for item in ranks if item[1] not in _VAGUE] or ranks
    if words[-1] != "per":
        ranks = [item for item in ranks if item[1] != "per"]
    if ranks:
        rank, word, higher = min(ranks)
        return Measure("metric", higher, 2.0 * rank, error=word in _ERRORS)
    earned = [rank for word, rank in _RETURN.items() if word in known]
    return Measure("return", True, 2.0 * min(earned)) if earned else None


def _loss(words: Sequence[str]) -> Measure:
    rest = [word for word in words if word not in _NEUTRAL and not word.isdigit()]
    total = [word for word in rest if word in _TOTAL]
    extra = len(rest) - len(total)
    return Measure("loss", False, 1.0 * extra - (0.2 if "total" in total else 0.0), part=extra > 0)
