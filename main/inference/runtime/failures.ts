/** What onnxruntime's and the drivers' errors mean, by their words: they have no codes. */

/** Whether a smaller batch may help. */
export function isOutOfMemory(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /out of memory|OUT_OF_MEMORY|bad[ _]?alloc|failed to allocate|allocation (failed|size)|CUDA failure 2\b/i.test(
    message,
  );
}

/**
 * Whether the device is gone for this process, whatever it is asked next. Words of Dawn (WebGPU), Vulkan, Direct3D
 * (DXGI_ERROR_DEVICE_REMOVED, _HUNG, _RESET) and CUDA's errors that stick to a process (illegal address, launch failure).
 */
export function isDeviceLost(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /device\b[^.]{0,40}\blost\b|lost\b.{0,20}\bdevice|DEVICE_LOST|DEVICE_(REMOVED|HUNG|RESET)|887A000[567]|CUDA failure (700|719)\b/i.test(
    message,
  );
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]!;
