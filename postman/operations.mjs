// The operations of docs/openapi.json, with patterns that match requests to them.

/** Returns id, method and path pattern of each operation, sorted by the number of path parameters, fewest first. */
export function operationsOf(document) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path: `^(?:/api(?:/v1)?)?${path.replace(/\{\w+\}/g, '[^/]+')}$`,
      parameters: path.split('{').length - 1,
      operation,
    })),
  );
  return operations.sort((a, b) => a.parameters - b.parameters);
}
