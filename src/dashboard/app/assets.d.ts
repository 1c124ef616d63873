// Style sheets are taken in for what they do; they give no values.
declare module '*.css'
declare module '@fontsource-variable/inter/wght.css'
