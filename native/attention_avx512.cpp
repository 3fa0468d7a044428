#define LANES 16
#define PANEL 4
#define KERNEL attention_avx512
#include "attention_tiles.inc"
