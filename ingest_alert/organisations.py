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
        assigned = self.by_tenant.get(alert.tenant.strip().lower())
        organisation = assigned or self.own
        if assigned or not self.by_tenant:
            same = alert.organisation == organisation
            return alert if same else replace(alert, organisation=organisation)
        tenant = repr(alert.tenant[:100]) if alert.tenant else "it states none"
        note = f"Its tenant ({tenant}) is assigned to no organisation, so it went to {self.own}."
        return replace(alert, organisation=organisation, notes=(*alert.notes, note))


ONE: Final = Organisations()
"""One organisation for everything."""
