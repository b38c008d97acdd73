"""Papers as documents, sheets and forms: read strictly, with all that is wrong in them, and written without loss."""
