"""Which engine ``--engine`` names."""

from advisor.options import Options
from advisor.probes.engines.base import Engine
from advisor.probes.engines.limits import Limits
from advisor.probes.engines.local import local_pool


def make_engine(options: Options) -> Engine:
    """Makes the engine that was asked for; nothing is loaded yet.

    Raises:
        UsageError: If it cannot be had here.
    """
    limits = Limits(options.step_timeout, options.probe_timeout)
    match options.engine:
        case "auto":
            return local_pool(options.workers, device=options.device, limits=limits)
        case "process" | "fused":
            fused = options.engine == "fused"
            return local_pool(options.workers, device=options.device, limits=limits, fused=fused)
        case "serial":
            return local_pool(1, device=options.device, limits=limits, fused=False)
        case "ray":
            from advisor.probes.engines.ray_workers import ray_pool

            return ray_pool(options.path, options.address or "auto", options.workers, options.device, limits)
