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
            f"\n[bold]▶ {escape(act.heading)}[/]  [dim]({len(act.messages)} messages,"
            f" {act.alerts} alerts)[/]"
        )

    def incident(self, incident: Any, *, new: bool) -> None:
        """Show an incident whole."""
        colour = _COLOURS.get(incident["severity"], "white")
        stages = " → ".join(incident["stages"])
        names = ", ".join(resource["name"] for resource in incident["resources"])
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column()
        table.add_row("severity", f"[{colour}]{incident['severity']}[/], score {incident['score']}")
        table.add_row("confidence", escape(incident["confidence"]))
        table.add_row("stages", escape(stages))
        table.add_row("resources", escape(names))
        table.add_row("alerts", str(incident["alertCount"]))
        table.add_row("why", escape(incident["why"]["rule"]))
        for link in incident["why"]["links"][:4]:
            table.add_row("", escape(f"· {link['text']}"))
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
