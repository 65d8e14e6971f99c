import { MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { theme, variables } from '~/ui/theme/theme'
import { scheme } from './scheme'

/** Mantine in our design language, saying in the user's what its own small buttons do. */
export function Look({ nonce, children }: { nonce: string; children: ReactNode }) {
  const { t } = useTranslation()
  const spoken = useMemo(
    () =>
      mergeThemeOverrides(theme, {
        components: { CloseButton: { defaultProps: { 'aria-label': t('common.close') } } },
      }),
    [t],
  )
  return (
    <MantineProvider
      theme={spoken}
      cssVariablesResolver={variables}
      colorSchemeManager={scheme}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  )
}
