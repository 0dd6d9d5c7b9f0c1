"""What every house stands on: database, ledger, blobs, jobs, actors."""
