declare module 'virtual:widget-styles' {
  /** The style sheet of the first script as text. */
  const styles: string
  export default styles
}

declare module 'virtual:panel-styles' {
  /** The style sheet of the second script as text. */
  const styles: string
  export default styles
}

declare module 'virtual:shared-modules' {
  /** What the second script takes from the first, by module; both carry the version of one build. */
  export const version: string
  export const modules: Record<string, unknown>
}

/** Replaced in the second script by the version of its build. */
declare const __WIDGET_VERSION__: string
