"""3 de marzo de 2026; 3 de marzo de 2026, 16:00 UTC."""

DATE_FORMAT = r"j \d\e F \d\e Y"
TIME_FORMAT = "H:i T"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i T"
YEAR_MONTH_FORMAT = r"F \d\e Y"
MONTH_DAY_FORMAT = r"j \d\e F"
SHORT_DATE_FORMAT = r"j M Y"
SHORT_DATETIME_FORMAT = r"j M Y, H:i T"
