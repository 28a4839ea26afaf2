//! The largest single allocation, so that a target can say how much some bytes may ask for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which remembers the largest request.
pub struct Watched(AtomicUsize);

impl Watched {
    /// Nothing asked for yet.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Runs something and returns the largest allocation that was asked for meanwhile, bytes.
    pub fn largest_during<T>(&self, run: impl FnOnce() -> T) -> (T, usize) {
        self.0.store(0, Ordering::Relaxed);
        let result = run();
        (result, self.0.load(Ordering::Relaxed))
    }
}

// SAFETY: every request goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.0.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}
