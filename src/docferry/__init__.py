"""docferry moves a live document store to another AWS region or account and proves that nothing was lost."""
