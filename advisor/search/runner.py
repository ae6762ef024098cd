"""Runs the probes of rounds: counts the cost, looks into the store first, reports progress."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from advisor.config.hparams import HParams
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import steps_of
from advisor.records.spec import Keywords, ProbeSpec
from advisor.records.trace import Trace
from advisor.search.clock import Clock
from advisor.search.observer import Observer
from advisor.search.store import ProbeStore
from advisor.workers.messages import Progress
from advisor.workers.protocol import Engine

EVALUATION_WEIGHT = 1.0 / 3.0
"""An evaluated example costs a third of a trained one: forward without backward."""
SHORT = 1 / 16
_LEAST_SHARE = 0.5
_EVAL_SHARE = 80
_LEAST_EVAL = 300
_MOST_EVAL_SHARE = 20


@dataclass(slots=True)
class Spent:
    """Cost so far, with reused probes counted as if they had been run."""

    train_examples: int = 0
    eval_examples: int = 0
    steps: int = 0
    probes: int = 0
    reused: int = 0
    seconds: float = 0.0

    @property
    def examples(self) -> float:
        """Examples in units of one trained example."""
        return self.train_examples + EVALUATION_WEIGHT * self.eval_examples


@dataclass(slots=True)
class ProbeRunner:
    """Runs specs for the rounds.

    Attributes:
        engine: Engine of the probes.
        store: Store of finished probes.
        observer: Receives progress events.
        train_size: Training examples.
        val_size: Validation examples.
        epochs: The user's epochs: with ``train_size`` they make one full run.
        fingerprint: Fingerprint of the task; part of every spec.
        seed: First seed.
        budget: Budget in full runs.
        spent: Cost so far.
        paid: Keys of the probes included in it.
        clock: Prices in time, where minutes were asked for, or None.
        model_kwargs: Keyword arguments of the user's ``model`` in every probe from here on.
        latest: Evidence after the last round, for a report after an interrupt.
    """

    engine: Engine
    store: ProbeStore
    observer: Observer
    train_size: int
    val_size: int
    epochs: int
    fingerprint: str
    seed: int
    budget: float
    spent: Spent = field(default_factory=Spent)
    paid: set[str] = field(default_factory=set)
    clock: Clock | None = None
    model_kwargs: Keywords = field(default_factory=dict)
    latest: Evidence | None = None

    @property
    def full_run_examples(self) -> int:
        """Examples that the user's epochs train on."""
        return self.train_size * self.epochs

    @property
    def full_runs(self) -> float:
        """Cost so far in full runs."""
        return self.spent.examples / self.full_run_examples

    @property
    def left(self) -> float:
        """Full runs still to be spent, in examples or, where minutes were asked for, in time: whichever is less."""
        left = self.budget - self.full_runs
        return left if self.clock is None else min(left, self.clock.left)

    @property
    def short(self) -> float:
        """Length of a short run: a sixteenth of the full one, less where the budget is less than one run."""
        return SHORT * min(1.0, max(_LEAST_SHARE, self.budget))

    @property
    def eval_examples(self) -> int:
        """Size of the validation subset of every cycle, the same at all lengths so that they compare."""
        least = min(_LEAST_EVAL, max(1, self.full_run_examples // _MOST_EVAL_SHARE))
        return min(self.val_size, max(least, self.full_run_examples // _EVAL_SHARE))

    def steps(self, length: float, batch_size: int) -> int:
        """Optimizer steps of a schedule that takes ``length`` of the full run's examples."""
        return steps_of(self.train_size, self.epochs, batch_size, length)

    def cycle(
        self,
        hparams: HParams,
        length: float,
        seed: int = 0,
        label: str = "",
        looks: Sequence[float] = (1.0,),
        eval_train: bool = False,
    ) -> ProbeSpec:
        """A whole schedule on all data compressed to ``length``; validated at these fractions of its steps."""
        return self.probe(
            hparams, self.steps(length, hparams.batch_size), seed=seed, label=label, looks=looks, eval_train=eval_train
        )

    def probe(
        self,
        hparams: HParams,
        steps: int,
        seed: int = 0,
        label: str = "",
        looks: Sequence[float] = (1.0,),
        eval_train: bool = False,
        share: float = 1.0,
    ) -> ProbeSpec:
        """A whole schedule of ``steps`` on a share of the data."""
        return ProbeSpec(
            kind="cycle",
            optimizer=hparams.optimizer_keywords(),
            schedule=hparams.schedule_keywords(),
            batch_size=hparams.batch_size,
            steps=steps,
            seed=self.seed + seed,
            eval_steps=tuple(sorted({max(1, round(steps * look)) for look in looks} | {steps})),
            eval_examples=self.eval_examples,
            clip_grad_norm=hparams.clip_grad_norm,
            amp=hparams.amp,
            eval_train=eval_train,
            task=self.fingerprint,
            model_kwargs=self.model_kwargs,
            grad_noise=True,
            data_share=share,
            data_seed=self.seed if share < 1.0 else 0,
            label=label,
        )

    def price(self, spec: ProbeSpec) -> float:
        """Cost of a probe in full runs if it runs to the end; the dearer of examples and time."""
        examples = spec.train_examples + spec.noise_examples + EVALUATION_WEIGHT * spec.eval_total
        price = examples / self.full_run_examples
        if self.clock is None:
            return price
        steps = round(spec.steps * examples / spec.train_examples)
        return max(price, self.clock.price(steps, spec.batch_size))

    def affordable(self, specs: Sequence[ProbeSpec]) -> bool:
        """Whether all of them fit into the remaining budget; probes already paid for are free."""
        return sum(self.price(spec) for spec in specs if spec.key not in self.paid) <= self.left + 1e-9

    def run(self, round_name: RoundName, specs: Sequence[ProbeSpec]) -> tuple[Arm, ...]:
        """Runs the specs that the store does not have; returns the arms in order."""
        known = {spec.key: trace for spec in specs if (trace := self.store.find(spec)) is not None}
        missing = list({spec.key: spec for spec in specs if spec.key not in known}.values())
        for spec in specs:
            if spec.key in known:
                self._account(known[spec.key], reused=True)
                self.observer.probe_ended(spec, known[spec.key], reused=True)

        def ended(spec: ProbeSpec, trace: Trace) -> None:
            self.store.add(spec, trace)
            if self.clock is not None and trace.step:
                self.clock.took(trace.seconds, trace.step[-1], spec.batch_size)
            self.observer.probe_ended(spec, trace, reused=False)

        def moved(spec: ProbeSpec, progress: Progress) -> None:
            self.observer.probe_moved(spec, progress.step, progress.loss)

        for spec in missing:
            self.observer.probe_started(spec)
        for spec, trace in zip(missing, self.engine.run(missing, ended, moved), strict=True):
            known[spec.key] = trace
            self._account(trace, reused=False)
        return tuple(Arm(spec, known[spec.key], round_name, self._length(spec)) for spec in specs)

    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.clock is not None and self.clock.left <= 0.0

    def charge(self, train_examples: int) -> None:
        """Adds the cost of other measurements (preflight)."""
        self.spent.train_examples += train_examples

    def _length(self, spec: ProbeSpec) -> float:
        return spec.train_examples / self.full_run_examples

    def _account(self, trace: Trace, reused: bool) -> None:
        if trace.key in self.paid:
            return
        self.paid.add(trace.key)
        self.spent.train_examples += trace.train_examples
        self.spent.eval_examples += trace.eval_examples
        self.spent.steps += trace.step[-1] if trace.step else 0
        self.spent.probes += 1
        self.spent.reused += reused
        self.spent.seconds += trace.seconds if not math.isnan(trace.seconds) else 0.0
