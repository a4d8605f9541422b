"""Which organisation an alert belongs to: by the tenant that its source states."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from shared.alert import ORGANISATION, Alert


@dataclass(frozen=True, slots=True)
class Organisations:
    """The organisation of everything (`own`), and those of tenants, by the tenant in lower case.

    A tenant is what the source calls it: directory, workspace, customer id, account, project. Where
    some are assigned, an alert of any other goes to `own` with a note that names it.
    """

    own: str = ORGANISATION
    by_tenant: Mapping[str, str] = field(default_factory=dict)

    def assigned(self, alert: Alert) -> Alert:
        """The alert as one of its organisation's."""
        organisation = self.by_tenant.get(alert.tenant.strip().lower(), self.own)
        if not self.by_tenant or alert.tenant.strip().lower() in self.by_tenant:
            return alert if alert.organisation == organisation else _moved(alert, organisation)
        tenant = repr(alert.tenant[:100]) if alert.tenant else "it states none"
        note = f"Its tenant ({tenant}) is assigned to no organisation, so it went to {self.own}."
        return replace(_moved(alert, self.own), notes=(*alert.notes, note))


def _moved(alert: Alert, organisation: str) -> Alert:
    return replace(alert, organisation=organisation)


ONE: Final = Organisations()
"""One organisation for everything."""
