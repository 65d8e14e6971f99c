/** The names tokens.css gives its values, in the order they are shown; a test beside compares them. */
export const GREYS = ['ground', 'surface', 'sunken', 'hover', 'line', 'line-strong', 'ink', 'ink-2', 'ink-3'] as const
export const MEANINGS = ['accent', 'good', 'warn', 'bad'] as const
export const SIZES = ['xs', 'sm', 'md', 'lg', 'xl', '2xl'] as const
export const SPACES = ['s1', 's2', 's3', 's4', 's5', 's6', 's7'] as const
export const REST = ['shadow-1', 'shadow-2', 'radius', 'radius-lg', 'tap'] as const
