"""Model-free templates: filters, layouts, words and the measurements that check them, Sec. 2.3."""
