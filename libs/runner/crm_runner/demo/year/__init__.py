"""A year of Okna Novak, made of a seed: who called, who bought, who forgot. Pure; `filling` brings it in."""
