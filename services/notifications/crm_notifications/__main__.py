"""python -m crm_notifications serve | migrate | openapi"""

from crm_chassis.entry import run

from crm_notifications.main import wiring
from crm_notifications.settings import NotificationsSettings

run(wiring, NotificationsSettings)
