;; The two loops over an answer's bytes, sixteen at a time. "npm run generate" assembles this into json-bytes.wasm.ts.
;; The caller puts the input at address 0, with at least 16 bytes behind it that may be read and count for nothing.
(module
  ;; Input of up to 128 KiB, and six times as much for what it may grow to when it is escaped.
  (memory (export "memory") 15)
  (global $OUTPUT i32 (i32.const 131136))
  (global $commas (mut i32) (i32.const 0))

  ;; Commas at the first level of the container that was skipped last.
  (func (export "commas") (result i32) (global.get $commas))

  ;; Position after the container whose first byte is at $start, or 0 when the input of $length bytes ends before it.
  (func (export "skip") (param $start i32) (param $length i32) (result i32)
    (local $at i32) (local $depth i32) (local $block v128) (local $folded v128) (local $mask i32) (local $byte i32)
    (local.set $at (i32.add (local.get $start) (i32.const 1)))
    (local.set $depth (i32.const 1))
    (global.set $commas (i32.const 0))
    (loop $outside
      (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (i32.const 0))))
      (local.set $block (v128.load (local.get $at)))
      ;; [ and {, ] and } differ in this bit alone.
      (local.set $folded (v128.or (local.get $block) (i8x16.splat (i32.const 0x20))))
      (local.set $mask (i8x16.bitmask (v128.or
        (v128.or
          (i8x16.eq (local.get $folded) (i8x16.splat (i32.const 0x7b)))
          (i8x16.eq (local.get $folded) (i8x16.splat (i32.const 0x7d))))
        (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x22))))))
      (if (i32.eq (local.get $depth) (i32.const 1))
        (then (local.set $mask (i32.or (local.get $mask)
          (i8x16.bitmask (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x2c))))))))
      (if (i32.eqz (local.get $mask))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $outside)))
      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $mask))))
      (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (i32.const 0))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 0x2c))
        (then
          (global.set $commas (i32.add (global.get $commas) (i32.const 1)))
          (br $outside)))
      (if (i32.ne (local.get $byte) (i32.const 0x22))
        (then
          (if (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7b))
            (then
              (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
              (br $outside)))
          (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
          (br_if $outside (local.get $depth))
          (return (local.get $at))))
      (loop $string
        (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (i32.const 0))))
        (local.set $block (v128.load (local.get $at)))
        (local.set $mask (i8x16.bitmask (v128.or
          (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x22)))
          (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x5c))))))
        (if (i32.eqz (local.get $mask))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $string)))
        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $mask))))
        (local.set $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.eq (local.get $byte) (i32.const 0x5c))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $string))))
      (br $outside))
    (unreachable))

  (func $hex (param $digit i32) (result i32)
    (i32.add (local.get $digit)
      (select (i32.const 0x57) (i32.const 0x30) (i32.gt_u (local.get $digit) (i32.const 9)))))

  ;; The letter that stands behind a backslash for a control character, or 0.
  (func $letter (param $byte i32) (result i32)
    (if (i32.eq (local.get $byte) (i32.const 8)) (then (return (i32.const 0x62))))
    (if (i32.eq (local.get $byte) (i32.const 9)) (then (return (i32.const 0x74))))
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (return (i32.const 0x6e))))
    (if (i32.eq (local.get $byte) (i32.const 12)) (then (return (i32.const 0x66))))
    (if (i32.eq (local.get $byte) (i32.const 13)) (then (return (i32.const 0x72))))
    (i32.const 0))

  ;; Writes the input of $length bytes to OUTPUT as the inside of a JSON string, as JSON.stringify does for well-formed
  ;; text. Returns the number of bytes written.
  (func (export "escape") (param $length i32) (result i32)
    (local $at i32) (local $out i32) (local $block v128) (local $mask i32) (local $left i32) (local $byte i32)
    (local.set $out (global.get $OUTPUT))
    (loop $next
      (local.set $left (i32.sub (local.get $length) (local.get $at)))
      (if (i32.le_s (local.get $left) (i32.const 0))
        (then (return (i32.sub (local.get $out) (global.get $OUTPUT)))))
      (local.set $block (v128.load (local.get $at)))
      (v128.store (local.get $out) (local.get $block))
      (local.set $mask (i8x16.bitmask (v128.or
        (v128.or
          (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x22)))
          (i8x16.eq (local.get $block) (i8x16.splat (i32.const 0x5c))))
        (i8x16.lt_u (local.get $block) (i8x16.splat (i32.const 0x20))))))
      (if (i32.lt_s (local.get $left) (i32.const 16))
        (then (local.set $mask (i32.and (local.get $mask)
          (i32.sub (i32.shl (i32.const 1) (local.get $left)) (i32.const 1))))))
      (if (i32.eqz (local.get $mask))
        (then
          (local.set $left (select (i32.const 16) (local.get $left) (i32.gt_s (local.get $left) (i32.const 16))))
          (local.set $at (i32.add (local.get $at) (local.get $left)))
          (local.set $out (i32.add (local.get $out) (local.get $left)))
          (br $next)))
      (local.set $mask (i32.ctz (local.get $mask)))
      (local.set $at (i32.add (local.get $at) (local.get $mask)))
      (local.set $out (i32.add (local.get $out) (local.get $mask)))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $out) (i32.const 0x5c))
      (if (i32.ge_u (local.get $byte) (i32.const 0x20))
        (then
          (i32.store8 (i32.add (local.get $out) (i32.const 1)) (local.get $byte))
          (local.set $out (i32.add (local.get $out) (i32.const 2)))
          (br $next)))
      (local.set $mask (call $letter (local.get $byte)))
      (if (local.get $mask)
        (then
          (i32.store8 (i32.add (local.get $out) (i32.const 1)) (local.get $mask))
          (local.set $out (i32.add (local.get $out) (i32.const 2)))
          (br $next)))
      ;; u00 and two digits
      (i32.store8 (i32.add (local.get $out) (i32.const 1)) (i32.const 0x75))
      (i32.store16 (i32.add (local.get $out) (i32.const 2)) (i32.const 0x3030))
      (i32.store8 (i32.add (local.get $out) (i32.const 4))
        (call $hex (i32.shr_u (local.get $byte) (i32.const 4))))
      (i32.store8 (i32.add (local.get $out) (i32.const 5))
        (call $hex (i32.and (local.get $byte) (i32.const 15))))
      (local.set $out (i32.add (local.get $out) (i32.const 6)))
      (br $next))
    (unreachable)))
