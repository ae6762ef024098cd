"""Creates the engine named by ``--engine``."""

from advisor.app.options import Options
from advisor.workers.local import local_pool, threads_each
from advisor.workers.messages import WorkerResources
from advisor.workers.protocol import Engine
from advisor.workers.timeouts import Limits


def make_engine(options: Options) -> Engine:
    """Creates the engine; nothing is loaded yet.

    Raises:
        UsageError: If it is not available here.
    """
    limits = Limits(options.step_timeout, options.probe_timeout)
    match options.engine:
        case "auto":
            return local_pool(options.workers, device=options.device, limits=limits, nproc=options.nproc)
        case "process" | "fused":
            fused = options.engine == "fused"
            return local_pool(options.workers, device=options.device, limits=limits, fused=fused, nproc=options.nproc)
        case "serial":
            return local_pool(1, device=options.device, limits=limits, fused=False, nproc=options.nproc)
        case "inline":
            from advisor.workers.inline import InlineEngine

            return InlineEngine(WorkerResources(threads_each(1)))
        case "ray":
            from advisor.workers.ray.workers import ray_pool

            return ray_pool(options.address or "auto", options.workers, options.device, limits, nproc=options.nproc)
