"""Who the customers are: people, companies, capture from calls, search and the timeline."""
