/**
 * What Node 20 lacks and libp2p needs; entry points import this before anything else.
 *
 * @source https://tc39.es/ecma262/#sec-promise.withResolvers (ECMAScript 2024)
 */

if (typeof Promise.withResolvers !== "function") {
  Object.defineProperty(Promise, "withResolvers", {
    value: withResolvers,
    configurable: true,
    writable: true,
  });
}

function withResolvers<T>(this: PromiseConstructor): PromiseWithResolvers<T> {
  const settle: Partial<Pick<PromiseWithResolvers<T>, "resolve" | "reject">> = {};
  const promise = new this<T>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...(settle as Required<typeof settle>) };
}
