"""The district's overview: rendered, kept, and under load.

`python -m benchmarks.dashboard [--schools 400] [--months 24] [--records 0] [--seconds 20]`.
"""

from benchmarks.dashboard.command import main

__all__ = ["main"]
