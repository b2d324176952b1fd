"""Tickets in Jira: Cloud (REST v3) and Data Center (REST v2)."""

from ims.integrations.frame import System
from ims.integrations.jira.settings import JiraSettings
from ims.integrations.jira.tickets import JiraTickets

SYSTEM = System("jira", "Jira", ("tickets",), JiraSettings, JiraTickets)
