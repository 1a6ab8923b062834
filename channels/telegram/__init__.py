"""Telegram by aiogram: webhooks and polling in, answers that grow by editing, documents, charts and buttons out."""
