"""Draws the ratios of the served comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.ratio import Spread
from benchmarks.served import Served, ratio_of
from benchmarks.service import BY_HAND, Service
from benchmarks.work import Work


def draw(served: Served, services: Sequence[Service], works: Sequence[Work], path: Path) -> None:
    """Write a picture: for each work the bars of all services, with a line at aiohttp by hand."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    figure, rows = pyplot.subplots(
        1,
        len(works),
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(3.5 + 2.4 * len(works), 1.4 + 0.36 * len(services)),
        layout="constrained",
    )
    spreads = [[ratio_of(served, service, work) for service in services] for work in works]
    for panel, work, column in zip(rows[0], works, spreads, strict=True):
        panel.set_title(work.name)
        _draw_bars(panel, services, column)
    first = rows[0][0]
    first.set_xlim(0, max(spread.high for column in spreads for spread in column) * 1.2)
    first.set_ylim(len(services) - 0.4, -0.6)
    first.set_yticks(range(len(services)), [service.name for service in services])
    figure.suptitle(
        "Requests per second of server CPU, as a ratio to aiohttp by hand (more is faster)"
    )
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def _draw_bars(panel: Any, services: Sequence[Service], spreads: Sequence[Spread]) -> None:
    panel.barh(
        range(len(services)),
        [spread.median for spread in spreads],
        xerr=_whiskers(spreads),
        color=[_colour(service) for service in services],
        error_kw={"ecolor": "#444444", "elinewidth": 1},
    )
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    for row, spread in enumerate(spreads):
        text = f"{spread.median:.2f}"
        panel.text(spread.high + 0.05, row, text, va="center", fontsize=8, bbox=box)
    panel.axvline(1.0, color="#444444", linewidth=1, linestyle="--")
    panel.spines[["top", "right"]].set_visible(False)


def _colour(service: Service) -> str:
    if service.name.startswith("webaio"):
        return "#d9601a"
    return "#3b6ea5" if service == BY_HAND else "#a9b8c6"


def _whiskers(spreads: Sequence[Spread]) -> list[list[float]]:
    below = [spread.median - spread.low for spread in spreads]
    return [below, [spread.high - spread.median for spread in spreads]]
