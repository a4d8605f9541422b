"""What a run leaves at rest, as the auditor looks at it."""

from correlate.reconcile.lifetime import Lifetime
from local.audit.stored import Placed, Stored
from local.audit.stored import stored_of as stored
from local.backtest.run import Run


def stored_of(run: Run) -> Stored:
    """The run's records and its alerts."""
    alerts = {
        entity: [Placed(each.point, each.sid) for each in kept]
        for entity, kept in run.table.alerts.items()
    }
    return stored(run.database.all(), alerts, Lifetime(run.retention_days).frozen(run.now))
