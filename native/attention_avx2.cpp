#define LANES 8
#define PANEL 2
#define KERNEL attention_avx2
#include "attention_tiles.inc"
