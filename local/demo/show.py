"""What the demo prints."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.demo.story import Act

_COLOURS = {
    "Critical": "bold red",
    "High": "red",
    "Medium": "yellow",
    "Low": "cyan",
    "Informational": "dim",
}


class Show:
    """Prints the story and what it becomes. Everything from an alert is escaped."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def act(self, act: Act) -> None:
        """Announce an act."""
        self.console.print(
            f"\n[bold]▶ {escape(act.heading)}[/] [dim]({_counted(len(act.messages), 'message')},"
            f" {_counted(act.alerts, 'alert')})[/]"
        )

    def incident(self, incident: Any, *, new: bool) -> None:
        """Show an incident whole."""
        colour = _COLOURS.get(incident["severity"], "white")
        names = ", ".join(resource["name"] for resource in incident["resources"])
        rows = [
            ("severity", f"[{colour}]{incident['severity']}[/], score {incident['score']}"),
            ("confidence", escape(incident["confidence"])),
            ("stages", escape(" → ".join(incident["stages"]))),
            ("resources", escape(names)),
            ("alerts", str(incident["alertCount"])),
            ("why", escape(incident["why"]["rule"])),
            *(("", escape(f"· {link['text']}")) for link in incident["why"]["links"][:4]),
        ]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=1)
        table.add_column(style="dim")
        table.add_column()
        for name, value in rows:
            table.add_row("", name, value)
        word = "incident" if new else "incident grew"
        self.console.print(
            f"  [{colour}]●[/] [bold]{escape(incident['title'])}[/] [dim]({word})[/]"
        )
        self.console.print(table)

    def alone(self, alerts: list[Any]) -> None:
        """Show what stayed a plain alert."""
        counts: dict[str, list[str]] = {}
        for alert in alerts:
            counts.setdefault(alert["title"], []).append(alert["resource"]["name"])
        self.console.print(f"\n[bold]{len(alerts)} alerts stayed plain alerts:[/]")
        for title, names in sorted(counts.items()):
            where = ", ".join(dict.fromkeys(names))
            self.console.print(f"  · {escape(title)} [dim]{len(names)}: {escape(where)}[/]")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
