"""Messages and stubs of the contract, generated from proto/; only bridge.codec and the ends of the wire use them."""
