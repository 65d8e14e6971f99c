/** The picture of the door that stood for the page goes; what it stood for is there. */
export function endEarly(): void {
  delete document.documentElement.dataset.early
  document.getElementById('early')?.remove()
}
