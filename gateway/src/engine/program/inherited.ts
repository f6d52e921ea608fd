/** Names that every object has something under, such as `constructor`. */
export const isInherited = (key: string): boolean => key in Object.prototype;
