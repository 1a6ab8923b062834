"""Records and money: the database, the access door, payments and documents."""
