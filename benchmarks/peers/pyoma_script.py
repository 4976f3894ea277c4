"""pyoma-2 on one recording after another, run by the Python of its own environment: JSON in by line, JSON out by line.

In: ``{"file", "rate_hz", "decimate", "block_rows", "band_hz"}``, the file an array (samples, channels). Out: ``{"took_s",
"frequency_hz", "damping"}``, or ``{"error"}`` where it raised. Covariance-driven subspace, then its automatic clustering.
"""

import json
import sys
import time
import warnings
from typing import Any


def identified(task: dict[str, Any]) -> dict[str, Any]:
    """What the peer finds in one recording, in its documented way."""
    import numpy as np
    from pyoma2.algorithms import SSI
    from pyoma2.algorithms.data.run_params import Clustering
    from pyoma2.setup.single import SingleSetup

    samples = np.load(task["file"]).astype(np.float64)
    began = time.perf_counter()
    setup = SingleSetup(samples, fs=task["rate_hz"])
    if task["decimate"] > 1:
        setup.decimate_data(q=task["decimate"])
    subspace = SSI(name="ssi", method="cov", br=task["block_rows"], ordmax=60)
    subspace.add_clustering(Clustering(name="auto", quick="hier_avg", freqlim=tuple(task["band_hz"])))
    setup.add_algorithms(subspace)
    setup.run_by_name("ssi")
    subspace.run_clustering("auto")
    found = subspace.result.clustering_results["auto"]
    took_s = time.perf_counter() - began
    order = np.argsort(found.Fn)
    return {"took_s": took_s, "frequency_hz": found.Fn[order].tolist(), "damping": found.Xi[order].tolist()}


def main() -> None:
    """Answer every line; whatever the peer raises is its answer."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            answer = identified(json.loads(line))
        except Exception as problem:  # noqa: BLE001 (what a peer may raise is not known)
            answer = {"error": f"{type(problem).__name__}: {problem}"[:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
