"""Alertmanager told to keep alerts quiet. What it tells the portal comes in by ``ims.web`` and ``ims.intake``."""

from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.integrations.alertmanager.silencer import AlertmanagerSilencer
from ims.integrations.frame import System

SYSTEM = System("alertmanager", "Alertmanager", ("silences",), AlertmanagerSettings, AlertmanagerSilencer)
