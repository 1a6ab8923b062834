"""Texts (SMS and MMS) by Twilio: signed webhooks in, replies by the REST API, and a local form of both for the demo."""
