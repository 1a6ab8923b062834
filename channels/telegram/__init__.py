"""Telegram by aiogram: webhooks and polling in; answers that grow, documents, charts, buttons out; the demo's form."""
