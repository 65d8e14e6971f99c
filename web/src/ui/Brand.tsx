/** The mark: a funnel of three lines. */
export function Brand({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <title>Voronka</title>
      <rect width="32" height="32" rx="8" fill="#3f5bd8" />
      <g stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M7.5 9.8h17" />
        <path d="M10.5 16h11" opacity=".85" />
        <path d="M13.4 22.2h5.2" opacity=".7" />
      </g>
    </svg>
  )
}
