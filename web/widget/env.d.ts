declare module 'virtual:widget-styles' {
  /** The widget's whole style sheet as text. */
  const styles: string
  export default styles
}
