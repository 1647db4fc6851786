"""Draws the ratios of the served comparison."""

from collections.abc import Sequence
from pathlib import Path

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

    figure, panels = pyplot.subplots(
        1,
        len(works),
        sharey=True,
        squeeze=False,
        figsize=(3.5 + 2.4 * len(works), 1.4 + 0.36 * len(services)),
        layout="constrained",
    )
    colours = [_colour(service) for service in services]
    for panel, work in zip(panels[0], works, strict=True):
        spreads = [ratio_of(served, service, work) for service in services]
        medians = [spread.median for spread in spreads]
        panel.barh(
            range(len(services)),
            medians,
            xerr=_whiskers(spreads),
            color=colours,
            error_kw={"ecolor": "#444444", "elinewidth": 1},
        )
        for row, spread in enumerate(spreads):
            panel.text(spread.high + 0.05, row, f"{spread.median:.2f}", va="center", fontsize=8)
        panel.axvline(1.0, color="#444444", linewidth=1, linestyle="--")
        panel.set_xlim(0, max(spread.high for spread in spreads) * 1.2 + 0.1)
        panel.set_title(work.name)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_yticks(range(len(services)), [service.name for service in services])
    panels[0][0].invert_yaxis()
    figure.suptitle(
        "Requests per second of server CPU, as a ratio to aiohttp by hand (more is faster)"
    )
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=120)
    pyplot.close(figure)


def _colour(service: Service) -> str:
    if service.name.startswith("webaio"):
        return "#d9601a"
    return "#3b6ea5" if service == BY_HAND else "#a9b8c6"


def _whiskers(spreads: Sequence[Spread]) -> list[list[float]]:
    below = [spread.median - spread.low for spread in spreads]
    return [below, [spread.high - spread.median for spread in spreads]]
