"""What a store must show, stock, charge and promote, and since when."""
