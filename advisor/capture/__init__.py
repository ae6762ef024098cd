"""From a training script to a task: the script is run under hooks for a few steps, and what it trains with is kept.

Runs in a worker process only. ``record`` watches the script, ``sandbox`` holds back what it would do to the outside,
``loop`` takes its own loop body as the training step, ``read`` turns what was seen into settings, and ``deliver``
hands everything over under the names of the contract.
"""
