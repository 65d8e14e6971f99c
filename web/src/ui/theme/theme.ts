import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef1fd',
  '#dbe1fb',
  '#b8c4f6',
  '#93a5f1',
  '#7389ec',
  '#5d76e9',
  '#4c67e0',
  '#3f5bd8',
  '#3249b4',
  '#263a91',
]

/** Mantine speaks the language of tokens.css. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent },
  fontFamily: 'Inter, system-ui, sans-serif',
  headings: { fontFamily: 'Inter, system-ui, sans-serif', fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '0.25rem', sm: '0.5rem', md: '0.75rem', lg: '1rem', xl: '1.5rem' },
  defaultRadius: 'md',
  radius: { sm: '0.375rem', md: '0.5rem', lg: '0.75rem' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm', fw: 500 } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: 'xs' } },
    // Without the placeholder the first item has the focus, and a menu holds nothing but items.
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 }, withInitialFocusPlaceholder: false } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        padding: 'xl',
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.35 },
        styles: { title: { fontSize: 'var(--text-lg)', fontWeight: 600 } },
      },
    },
    Drawer: {
      defaultProps: {
        padding: 'xl',
        overlayProps: { backgroundOpacity: 0.35 },
        styles: { title: { fontSize: 'var(--text-lg)', fontWeight: 600 } },
      },
    },
    Skeleton: { defaultProps: { radius: 'sm' } },
  },
})

export const variables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-disabled': 'color-mix(in srgb, var(--ink) 8%, transparent)',
    '--mantine-color-disabled-color': 'var(--ink-3)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-primary-color-light-color': 'var(--accent)',
    '--mantine-shadow-md': 'var(--shadow-2)',
    '--mantine-shadow-xl': 'var(--shadow-2)',
  }
  return { variables: {}, light: both, dark: both }
}
